/** Screens and parts of them that the first report does without: one chunk, on the phone before it is said to be ready. */
export { default as CheckPhone } from "./CheckPhone.svelte";
export { default as ChangePassphrase } from "./lock/ChangePassphrase.svelte";
export { default as Forgotten } from "./lock/Forgotten.svelte";
export { default as WipePhone } from "./lock/WipePhone.svelte";
export { default as Parcels } from "./Parcels.svelte";
export { default as SentScreen } from "./sent/SentScreen.svelte";
