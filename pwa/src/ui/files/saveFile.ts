/** Handing a file to the person: their downloads, or another app. */

export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Text files of these contents called after what they hold and the minute, so that those of different days differ. */
export function textFiles(name: string, contents: readonly Blob[]): File[] {
  const stamp = new Date().toISOString().slice(0, 16).replace("T", "-").replace(":", "");
  return contents.map(
    (content, at) =>
      new File([content], `steppe-${name}-${stamp}${at ? `-${at + 1}` : ""}.txt`, { type: content.type }),
  );
}

/**
 * Offers files to other apps, nearby phones and sticks. `called-off`: the person thought better of it; `refused`: the
 * system cannot, offered to and then refused, or took too long to ask.
 */
export async function offerFiles(files: File[]): Promise<"taken" | "called-off" | "refused"> {
  if (!navigator.canShare?.({ files })) return "refused";
  try {
    await navigator.share({ files });
    return "taken";
  } catch (failure) {
    if (!(failure instanceof DOMException)) throw failure;
    return failure.name === "AbortError" ? "called-off" : "refused";
  }
}

/** Offers files to other apps; where that is refused they go to the downloads: `saved`. */
export async function shareFiles(files: File[]): Promise<"taken" | "called-off" | "saved"> {
  const outcome = await offerFiles(files);
  if (outcome !== "refused") return outcome;
  for (const file of files) saveFile(file.name, file);
  return "saved";
}
