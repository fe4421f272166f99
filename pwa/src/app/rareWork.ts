/** What most phones never do: carrying sealed ones, wiping, checking the phone, drawing pictures anew. One chunk. */
export { downscale } from "../attachments/downscale";
export {
  discardStranded,
  moveOutbox,
  moveRetained,
  parcelCounts,
  receiptsFile,
  sealedCopies,
} from "../submissions/parcels";
export { takeFile } from "../sync/takeFile";
export { lockOut } from "./lockOut";
export { checkPhone, noteCheck } from "./phoneTrial";
export { endWipe, thisBrowser, wipe, wipeAsOrdered } from "./wipe";
