import type { Keeping } from "../../../attachments/attachments";
import type { Capture } from "../../../attachments/captures";
import { problemText } from "../../../i18n/problems";
import { slugOf } from "../../../wire/problem";
import type { AnswerProps } from "../../draft/answered";
import type { Filling } from "../../draft/filling.svelte";
import { lostWords } from "../../draft/review";

interface Target {
  filling: Filling;
  path: string;
}

interface Opened {
  target: Target;
  keeping: Keeping;
  capture: Promise<Capture | undefined>;
}

/** The attachment that answers one question: taking it in, replacing it, removing it. */
export class Attaching {
  busy = $state(false);
  /** What went wrong at the last try, in words. */
  problem = $state<string>();
  readonly #props: () => AnswerProps;
  /** Where what the camera or the phone's file list brings goes, should the app be locked by then. */
  #opened: Opened | undefined;

  /** `props` are read anew each time, so that they may change. */
  constructor(props: () => AnswerProps) {
    this.#props = props;
  }

  /** Hex SHA-256 of the answer; undefined while there is none. */
  get sha256(): string | undefined {
    const { value } = this.#props().asked;
    return typeof value === "string" ? value : undefined;
  }

  /** What became of the file, in words, when it is no longer on the phone. */
  get lost(): string | undefined {
    const { filling, asked } = this.#props();
    return this.sha256 && filling.media.lost.has(asked.path) ? lostWords(asked.question) : undefined;
  }

  /** Where an attachment that is being made belongs, whatever becomes of the screen meanwhile. */
  #place(): Target {
    const { filling, asked } = this.#props();
    return { filling, path: asked.path };
  }

  /** Keeps the bytes and answers with them; what was there before goes once the draft without it is safe. False: `problem` says why not. */
  async take(file: Blob, keeping: Keeping, { filling, path }: Target = this.#place()): Promise<boolean> {
    this.busy = true;
    this.problem = undefined;
    try {
      await filling.media.attach(path, file, keeping);
    } catch (failure) {
      this.problem = problemText(slugOf(failure), "attach");
    }
    this.busy = false;
    return this.problem === undefined;
  }

  /** The camera or the phone's file list opens. */
  async opens(as: Keeping["as"]): Promise<void> {
    const target = this.#place();
    const keeping = this.#keeping(as);
    const purpose = { submission: target.filling.submission, path: target.path, keeping, type: "" };
    // Without it, only a phone that locks itself meanwhile would miss something.
    const capture = target.filling.session.field.captures.begin(purpose).catch(() => undefined);
    const before = this.#opened;
    this.#opened = { target, keeping, capture };
    await forget(before);
  }

  /** Somebody came back without a file. */
  async picksNothing(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await forget(opened);
  }

  /** A file was chosen or a photo taken. With the app locked by now it waits, sealed, until somebody unlocks it. */
  async picked(file: File, as: Keeping["as"]): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    const target = opened?.target ?? this.#place();
    const keeping = opened?.keeping ?? this.#keeping(as);
    const capture = await opened?.capture;
    const { session } = target.filling;
    const named = keeping.as === "it-is" ? { ...keeping, name: file.name } : keeping;
    const isKept = session.vault === "open" && (await this.take(file, named, target));
    // Read again: it may have locked itself while the photo was made smaller.
    if (!isKept && capture && session.vault !== "open") {
      await capture.add(file);
      await capture.end({ type: file.type, name: file.name });
    } else await forget(opened);
  }

  /** A picture is made as small as the form's author asks. */
  #keeping(as: Keeping["as"]): Keeping {
    if (as === "it-is") return { as };
    const longest = Number(this.#props().asked.question.parameters?.["max-pixels"]);
    return { as, ...(longest > 0 ? { longestSide: longest } : {}) };
  }

  async remove(): Promise<void> {
    const { filling, path } = this.#place();
    this.problem = undefined;
    await filling.media.detach(path);
  }
}

async function forget(opened: Opened | undefined): Promise<void> {
  const capture = await opened?.capture;
  if (!opened || !capture) return;
  await capture.end();
  // A tab that leads no more leaves it: empty, it is forgotten when the draft is opened again.
  await opened.target.filling.session.field.captures.drop(capture.id).catch(() => undefined);
}
