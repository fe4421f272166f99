/** What no phone needs before its vault is open: keeping the journal, letting go what was received, and what follows from how much room there is. One chunk. */
export { queriesHere } from "../submissions/readable/hqQueries";
export { toldWithdrawals } from "../submissions/readable/toldWithdrawals";
export { learnKeys } from "../sync/learnKeys";
export { release, retainedWeight } from "../sync/release";
export { checkRoom, noteLossTold, storageNews } from "../sync/room";
export { openJournal } from "../vault/journal/openJournal";
