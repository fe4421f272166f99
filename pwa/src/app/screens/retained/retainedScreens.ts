/** What screens say of reports that headquarters has received: fetched after the first visit, on the phone once the vault is open. */
export { default as Restored } from "./Restored.svelte";
export { default as RetainedStorage } from "./RetainedStorage.svelte";
export { retainedText } from "./retainedText";
