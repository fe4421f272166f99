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
 * Offers a file to other apps, nearby phones and sticks where the system can; else it goes to the downloads. False when the
 * person thought better of it.
 */
export async function shareFile(name: string, content: Blob): Promise<boolean> {
  const file = new File([content], name, { type: content.type });
  if (!navigator.canShare?.({ files: [file] })) {
    saveFile(name, content);
    return true;
  }
  try {
    await navigator.share({ files: [file] });
  } catch (failure) {
    if (!(failure instanceof DOMException)) throw failure;
    if (failure.name === "AbortError") return false;
    // Some systems offer to share and then refuse the file, or took too long to ask.
    saveFile(name, content);
  }
  return true;
}
