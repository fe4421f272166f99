/** The screens of somebody whose vault is open, or is being made: one chunk, fetched while the first screen is already up. */
export { default as Passphrase } from "./lock/Passphrase.svelte";
export { default as Me } from "./Me.svelte";
export { default as New } from "./New.svelte";
export { default as Outbox } from "./Outbox.svelte";
export { default as Today } from "./Today.svelte";
