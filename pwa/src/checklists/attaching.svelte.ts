import type { Keeping } from "../field/ports";
import { problemText } from "../i18n/problems";
import { slugOf } from "../wire/problem";
import type { AnswerProps } from "./answered";

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

  /** Keeps the bytes and answers with them; what was there before goes once the draft without it is safe. */
  async take(file: Blob, keeping: Keeping): Promise<void> {
    const { filling, onanswer } = this.#props();
    this.busy = true;
    this.problem = undefined;
    try {
      const before = this.sha256;
      const kept = await filling.session.field.attachments.add(filling.submission, file, keeping);
      onanswer(kept.sha256);
      if (before && before !== kept.sha256) await filling.dropAttachment(before);
    } catch (failure) {
      this.problem = problemText(slugOf(failure));
    }
    this.busy = false;
  }

  async remove(): Promise<void> {
    const { filling, onanswer } = this.#props();
    const before = this.sha256;
    if (!before) return;
    this.problem = undefined;
    onanswer(undefined);
    await filling.dropAttachment(before);
  }
}
