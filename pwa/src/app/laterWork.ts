/** What no phone needs before its vault is open: keeping the journal, and letting go what was received. One chunk. */
export { release, retainedWeight } from "../sync/release";
export { openJournal } from "../vault/journal/openJournal";
