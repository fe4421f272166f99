/** The mission whose code the desk's sign-in carries: told by the page's address (`?mission=KZ2021`), else remembered. */

const name = "steppe.desk.mission";
const longest = 40;

export interface MissionCode {
  /** Empty when neither the address nor this browser knows one. */
  get(): string;
  /** Remembers the code that was signed in with; an empty one is forgotten. */
  set(code: string): void;
}

export function missionCodeIn(storage: Storage, search: string): MissionCode {
  return {
    get: () => (new URLSearchParams(search).get("mission") ?? storage.getItem(name) ?? "").trim().slice(0, longest),
    set(code) {
      if (code) storage.setItem(name, code);
      else storage.removeItem(name);
    },
  };
}
