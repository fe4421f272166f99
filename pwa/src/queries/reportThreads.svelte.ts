import { api, read } from "../desk/api";
import type { Desk } from "../desk/desk";
import { Loaded } from "../desk/loaded.svelte";
import type { Round } from "./AskForm.svelte";

/** What was asked about one report: to read beside its answers, and to ask more. */
export class ReportThreads {
  readonly zone: string;
  readonly #desk: Desk;
  readonly #report: string;
  readonly #asked;

  constructor(desk: Desk, report: string) {
    this.zone = desk.who.mission.zone;
    this.#desk = desk;
    this.#report = report;
    const query = { submission: report };
    this.#asked = new Loaded(() => read(api.GET("/api/v1/queries", { params: { query } })), desk.session.failed);
  }

  /** Loads, and again whenever the desk hears that something changed; returns what stops it. */
  listen(): () => void {
    void this.refresh();
    return this.#desk.live.listen(() => void this.refresh());
  }

  refresh(): Promise<void> {
    return this.#asked.refresh();
  }

  get mayRelease(): boolean {
    return this.#asked.data?.may_release ?? false;
  }

  /** Those about the answer at this path; "" for those about the report as a whole. */
  at(path: string) {
    return (this.#asked.data?.queries ?? []).filter(({ about }) => (about?.path ?? "") === path);
  }

  /** Those that stand beside no answer: about the whole report, or about an answer that is not among `paths` any more. */
  besides(paths: ReadonlySet<string>) {
    return (this.#asked.data?.queries ?? []).filter(({ about }) => !paths.has(about?.path ?? ""));
  }

  /** Asks the report's team. Rejects with a `DeskProblem`. */
  async ask(path: string, round: Round): Promise<void> {
    await read(api.POST("/api/v1/queries", { body: { ...round, submission: this.#report, path, to: [], theme: "" } }));
    await this.refresh();
  }
}
