/** What does not fit in a receipt file, and what to do next, in words. */
import { m } from "../i18n/paraglide/messages";
import { inOrder } from "../i18n/texts";
import type { BadReceiptFile, Head, ReceiptFault } from "./receiptFile";

const texts: Record<Exclude<ReceiptFault, "other-checkpoint">, () => string> = {
  "too-large": m.receipt_fault_too_large,
  "no-receipt": m.receipt_fault_no_receipt,
  "not-as-written": m.receipt_fault_not_as_written,
  "other-key": m.receipt_fault_other_key,
  keys: m.receipt_fault_keys,
  proof: m.receipt_fault_proof,
  report: m.receipt_fault_report,
  content: m.receipt_fault_content,
  device: m.receipt_fault_device,
  names: m.receipt_fault_names,
  checkpoint: m.receipt_fault_checkpoint,
  entry: m.receipt_fault_entry,
  path: m.receipt_fault_path,
  kept: m.receipt_fault_kept,
  "kept-other-key": m.receipt_fault_kept_other_key,
  uncovered: m.receipt_fault_uncovered,
  "two-pasts": m.receipt_fault_two_pasts,
};

export function faultText({ fault, heads }: BadReceiptFile): string {
  if (fault !== "other-checkpoint") return texts[fault]();
  const { file, kept } = heads as { file: Head; kept: Head };
  return m.receipt_fault_other_checkpoint({
    of_file: file.size,
    file_at: momentText(file.at),
    of_kept: kept.size,
    kept_at: momentText(kept.at),
  });
}

/** Faults that only a checkpoint beside the file brings to light: without it the file may prove what it says. */
export const isOfCheckpoint = (fault: ReceiptFault): boolean =>
  ["kept", "kept-other-key", "uncovered", "other-checkpoint", "two-pasts"].includes(fault);

export function nextText(fault: ReceiptFault): string {
  switch (fault) {
    case "too-large":
    case "no-receipt":
    case "not-as-written":
      return m.receipt_next_again();
    case "other-key":
      return m.receipt_next_key();
    case "kept":
    case "kept-other-key":
      return m.receipt_next_kept();
    case "uncovered":
    case "other-checkpoint":
      return m.receipt_next_checkpoint();
    case "two-pasts":
      return m.receipt_next_two_pasts();
    default:
      return m.receipt_next_distrust();
  }
}

/** A moment as files write it, for whoever compares it: to the second, in UTC, in every language alike. */
export const momentText = (at: unknown): string => answerText(at).replace(/^(\S{10})T(\S{8})(?:\.\d+)?Z$/, "$1 $2 UTC");

/** Something as it was signed, of whatever kind: anybody can make a file, and put anything in it. */
export const answerText = (answer: unknown): string =>
  inOrder(typeof answer === "string" ? answer : (JSON.stringify(answer) ?? ""));
