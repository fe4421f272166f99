import { api, DeskProblem, read, slugOf } from "./api";

export interface Who {
  person: { id: string; function: string; functions?: Record<string, string>; username: string };
  role: string;
  mission: { id: string; code: string; name: Record<string, string>; type: string; zone: string; languages: string[] };
}

/** Who is signed in. `undefined` while the server is asked, `null` when nobody is. */
export class DeskSession {
  who = $state.raw<Who | null>();
  problem = $state<string>();
  /** The session ended while somebody was at work. */
  ended = $state(false);

  /** Core team: reads reports. The server decides; this only leaves dead entries out of the rail. */
  readonly readsReports = $derived(["coordinator", "expert", "head"].includes(this.who?.role ?? ""));
  readonly administers = $derived(this.who?.role === "admin");
  readonly delivers = $derived(["coordinator", "admin"].includes(this.who?.role ?? ""));
  /** May refuse a phone: as the server's policy says. */
  readonly revokes = $derived(["coordinator", "admin"].includes(this.who?.role ?? ""));
  /** Told of which time facts may be missing after a restore: as the server's policy says. */
  readonly seesRestores = $derived(["coordinator", "head", "admin"].includes(this.who?.role ?? ""));
  readonly exports = $derived(this.readsReports || this.administers);

  async ask(): Promise<void> {
    try {
      this.who = (await read(api.GET("/api/v1/session"))) as unknown as Who;
      this.problem = undefined;
    } catch (failure) {
      this.problem = slugOf(failure);
      if (this.problem === "signed-out") this.lose();
    }
  }

  /**
   * `mission`: its code, or empty where a name alone says enough.
   * Rejects with a `DeskProblem`: `wrong-password`, `choose-mission`, `too-many-tries`, `no-contact`.
   */
  async signIn(username: string, password: string, mission: string): Promise<void> {
    const call = api.POST("/api/v1/session", { body: { username, password, mission: mission || null } });
    this.who = (await read(call)) as unknown as Who;
    this.ended = false;
  }

  async signOut(): Promise<void> {
    try {
      await api.DELETE("/api/v1/session");
    } catch (failure) {
      if (!(failure instanceof TypeError)) throw failure;
      throw new DeskProblem("no-contact");
    }
    this.who = null;
    this.ended = false;
  }

  /** Given to everything that loads: a refusal for lack of a session leads back to the sign-in. */
  readonly failed = (slug: string): void => {
    if (slug === "signed-out") this.lose();
  };

  private lose(): void {
    this.ended = Boolean(this.who);
    this.who = null;
  }
}
