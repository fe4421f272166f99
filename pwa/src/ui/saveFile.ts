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

/**
 * Offers files to other apps, nearby phones and sticks where the system can; else they go to the downloads. False when the
 * person thought better of it.
 */
export async function shareFiles(files: File[]): Promise<boolean> {
  const save = () => {
    for (const file of files) saveFile(file.name, file);
    return true;
  };
  if (!navigator.canShare?.({ files })) return save();
  try {
    await navigator.share({ files });
  } catch (failure) {
    if (!(failure instanceof DOMException)) throw failure;
    // Some systems offer to share and then refuse the file, or took too long to ask.
    return failure.name === "AbortError" ? false : save();
  }
  return true;
}
