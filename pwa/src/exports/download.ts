/** Fetching an export: made on the server for this request, named and hashed there. */
import { DeskProblem, ownHeaders, problemOf } from "../desk/api";
import { saveFile } from "../ui/files/saveFile";

export interface ExportRequest {
  /** `csv.zip`: every table as CSV with a README; `zip`: OpenRosa instances with their XForms, which ODK's tools read. */
  format: "xlsx" | "csv.zip" | "zip";
  region: string;
  /** Empty: every checklist. */
  form: string;
  language: string;
  /** Whose reports alone; left out: everybody's. */
  origin?: string;
  /** What the reports stand at in review; empty: whatever that is. */
  status?: string;
}

export function exportPath({ format, region, form, language, origin, status }: ExportRequest): string {
  const narrowed = Object.entries({ form, origin, status }).flatMap(([name, value]) => (value ? [[name, value]] : []));
  const query = new URLSearchParams([["region", region], ["language", language], ...narrowed]);
  return `/api/v1/exports/${format === "zip" ? "openrosa" : "submissions"}.${format}?${query}`;
}

/** The name the server gave a file. */
export function fileName(disposition: string | null, otherwise: string): string {
  return /filename="([^"/\\]+)"/.exec(disposition ?? "")?.[1] ?? otherwise;
}

export interface Download {
  name: string;
  content: Blob;
  sha256: string;
}

/** Rejects with a `DeskProblem`. */
export function download(wanted: ExportRequest): Promise<Download> {
  return fetched(exportPath(wanted), `steppe.${wanted.format}`);
}

/** A file the server makes at this address; `otherwise` is its name when the server gives none. As above. */
export async function fetched(path: string, otherwise: string): Promise<Download> {
  let response: Response;
  try {
    response = await fetch(path, { headers: ownHeaders, cache: "no-store" });
    if (response.ok) {
      return {
        name: fileName(response.headers.get("Content-Disposition"), otherwise),
        content: await response.blob(),
        sha256: response.headers.get("Steppe-Sha256") ?? "",
      };
    }
  } catch (failure) {
    if (failure instanceof TypeError) throw new DeskProblem("no-contact");
    throw failure;
  }
  const isProblem = response.headers.get("Content-Type") === "application/problem+json";
  throw problemOf(response.status, isProblem ? await response.json() : undefined);
}

/** Hands a file to the person's downloads. */
export const save = ({ name, content }: Download): void => saveFile(name, content);
