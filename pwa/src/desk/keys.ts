/** One key, one act. Keys typed into a field, or together with Ctrl, Alt or Meta, belong to the field and the browser. */
export type Keys = Readonly<Record<string, () => void>>;

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  target: EventTarget | null;
}

/** Whether a press is meant for the field it is typed into. */
function isTyped(target: EventTarget | null): boolean {
  if (!target || typeof target !== "object" || !("tagName" in target)) return false;
  const tag = String(target.tagName);
  return (
    tag === "INPUT" ||
    tag === "TEXTAREA" ||
    tag === "SELECT" ||
    ("isContentEditable" in target && target.isContentEditable === true)
  );
}

/** The act a press stands for, if any. */
export function actOf(keys: Keys, press: KeyPress): (() => void) | undefined {
  if (press.ctrlKey || press.altKey || press.metaKey || isTyped(press.target)) return undefined;
  return keys[press.key];
}

/** Listens on the window; returns the way to stop. */
export function listenForKeys(keys: Keys): () => void {
  const press = (event: KeyboardEvent) => {
    const act = actOf(keys, event);
    if (!act) return;
    event.preventDefault();
    act();
  };
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}
