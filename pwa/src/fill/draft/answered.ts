import type { Answer } from "../../engine/answers";
import type { QuestionView } from "../../engine/fill";
import type { Filling } from "./filling.svelte";

/** What an input tells: an answer, or undefined for none; `typing` while keys follow one another. */
export type Answered = (value: Answer | undefined, how?: "answer" | "typing") => void;

/** What every way to answer a question gets. */
export interface AnswerProps {
  filling: Filling;
  asked: QuestionView;
  readonly: boolean;
  /** Ids of the question's text and of what there is to say about the answer. */
  labelledBy: string;
  describedBy: string;
  onanswer: Answered;
  /** The person left the field: what is half-written may be judged. */
  onleave: () => void;
}
