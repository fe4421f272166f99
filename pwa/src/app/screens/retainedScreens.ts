/** What few phones ever show, and none before something was finished: fetched after the first visit, on the phone once the vault is open. */
export { default as AccessLost } from "./AccessLost.svelte";
export { default as AskHeadquarters } from "./queries/AskHeadquarters.svelte";
export { default as Queries } from "./queries/Queries.svelte";
export { default as Restored } from "./retained/Restored.svelte";
export { default as RetainedStorage } from "./retained/RetainedStorage.svelte";
export { retainedText } from "./retained/retainedText";
export { default as Silence } from "./retained/Silence.svelte";
export { default as StorageGone } from "./retained/StorageGone.svelte";
export { default as ChangeReport } from "./sent/ChangeReport.svelte";
export { default as PairConflicts } from "./sent/PairConflicts.svelte";
export { default as PairList } from "./sent/PairList.svelte";
export { default as PairReportView } from "./sent/PairReportView.svelte";
export { default as Revisions } from "./sent/Revisions.svelte";
export { default as ToldWithdrawal } from "./sent/ToldWithdrawal.svelte";
