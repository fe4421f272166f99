import type { Keeping } from "../../../attachments/attachments";
import { problemText } from "../../../i18n/problems";
import { slugOf } from "../../../wire/problem";
import type { AnswerProps } from "../../draft/answered";
import type { Filling } from "../../draft/filling.svelte";
import { lostWords } from "../../draft/review";

/** The attachment that answers one question: taking it in, replacing it, removing it. */
export class Attaching {
  busy = $state(false);
  /** What went wrong at the last try, in words. */
  problem = $state<string>();
  readonly #props: () => AnswerProps;

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
    return this.sha256 && filling.isLost(asked.path) ? lostWords(asked.question) : undefined;
  }

  /** Where an attachment that is being made belongs, whatever becomes of the screen meanwhile. */
  place(): Target {
    const { filling, asked } = this.#props();
    return { filling, path: asked.path };
  }

  /** Keeps the bytes and answers with them; what was there before goes once the draft without it is safe. */
  async take(file: Blob, keeping: Keeping, { filling, path }: Target = this.place()): Promise<void> {
    this.busy = true;
    this.problem = undefined;
    try {
      await filling.attach(path, file, keeping);
    } catch (failure) {
      this.problem = problemText(slugOf(failure), "attach");
    }
    this.busy = false;
  }

  /** Keeps a picture, made as small as the form's author asks. */
  takePicture(file: File): Promise<void> {
    const longest = Number(this.#props().asked.question.parameters?.["max-pixels"]);
    return this.take(file, { as: "picture", ...(longest > 0 ? { longestSide: longest } : {}) });
  }

  async remove(): Promise<void> {
    const { filling, path } = this.place();
    this.problem = undefined;
    await filling.detach(path);
  }
}

interface Target {
  filling: Filling;
  path: string;
}
