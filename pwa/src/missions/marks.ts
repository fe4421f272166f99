/** What of a definition a phone notes beside its title: apart from the engine, which lists and downloads do without. */
import type { Definition } from "../engine/definition";

/** Whether some question is marked for the short form. */
export function marksShortForm({ sections }: Pick<Definition, "sections">): boolean {
  return sections.some(({ nodes }) =>
    nodes.some((node) =>
      "repeat" in node ? node.questions.some(({ short_form }) => short_form) : node.short_form === true,
    ),
  );
}
