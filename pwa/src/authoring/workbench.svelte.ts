import type { ChecklistCheck } from "../desk/api";
import { hex, sha256 } from "../wire/bytes";
import { checkForm, publishForm } from "./checklists";
import { refusalText } from "./words";

type Published = Awaited<ReturnType<typeof publishForm>>;

/** One form on its way from a spreadsheet to the phones: chosen, checked, published. */
export class Workbench {
  files = $state.raw<readonly File[]>([]);
  check = $state.raw<ChecklistCheck>();
  published = $state.raw<Published>();
  /** The form's pictures and sounds as they were chosen, by SHA-256; those inside a zip are not among them. */
  media = $state.raw<Readonly<Record<string, Blob>>>({});
  doing = $state<"checking" | "publishing">();
  problem = $state<string>();
  /** The form has pictures or sounds that came in a zip: only the server has opened it. */
  readonly lacksMedia = $derived(
    this.check?.files.some(({ role, sha256 }) => role === "media" && !(sha256 in this.media)) ?? false,
  );
  readonly #check: typeof checkForm;
  readonly #publish: typeof publishForm;
  #round = 0;

  constructor(check = checkForm, publish = publishForm) {
    this.#check = check;
    this.#publish = publish;
  }

  /** Takes other files and has them checked; what was chosen before is forgotten. */
  async choose(files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    this.#round += 1;
    const round = this.#round;
    this.files = files;
    this.check = undefined;
    this.published = undefined;
    this.problem = undefined;
    this.doing = "checking";
    try {
      const check = await this.#check(files);
      const media = await named(files, check.files);
      if (round !== this.#round) return;
      this.check = check;
      this.media = media;
    } catch (failure) {
      if (round === this.#round) this.problem = refusalText(failure);
    } finally {
      if (round === this.#round) this.doing = undefined;
    }
  }

  /** Publishes what was checked. */
  async publish(): Promise<void> {
    this.doing = "publishing";
    this.problem = undefined;
    try {
      this.published = await this.#publish(this.files);
    } catch (failure) {
      this.problem = refusalText(failure);
    } finally {
      this.doing = undefined;
    }
  }
}

/** The chosen files that the form uses as media, by their hashes. */
async function named(files: readonly File[], used: ChecklistCheck["files"]): Promise<Record<string, Blob>> {
  const media = used.filter(({ role }) => role === "media").map((file) => file.sha256);
  const found: Record<string, Blob> = {};
  for (const file of media.length ? files : []) {
    const hash = hex(await sha256(new Uint8Array(await file.arrayBuffer())));
    if (media.includes(hash)) found[hash] = file;
  }
  return found;
}
