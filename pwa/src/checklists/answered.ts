import type { Answer } from "./answers";

/** What an input tells: an answer, or undefined for none; `typing` while keys follow one another. */
export type Answered = (value: Answer | undefined, how?: "answer" | "typing") => void;
