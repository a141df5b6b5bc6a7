import type { File as Text } from "../../lib/study";
import type { Problem } from "../../lib/types";

const MANY = 12;
const MUCH = 2; // [MiB]

/** The texts of files that somebody chose or dropped, and what is wrong with them; too much is not even read. */
export async function texts(list: FileList | null | undefined): Promise<{ files: Text[]; problems: Problem[] }> {
  const given = [...(list ?? [])];
  const size = given.reduce((sum, file) => sum + file.size, 0) / 2 ** 20;
  if (given.length > MANY) return { files: [], problems: [{ what: `${given.length} files`, where: "", remedy: `choose ${MANY} at most` }] };
  if (size > MUCH) return { files: [], problems: [{ what: `${size.toFixed(1)} MiB`, where: given.map((file) => file.name).join(", "), remedy: `${MUCH} MiB at most: leave out columns that the study does not need` }] };
  const problems: Problem[] = [];
  const files = await Promise.all(given.map(async (file) => ({ name: file.name.slice(0, 100), text: decoded(await file.arrayBuffer(), file.name, problems) })));
  return { files, problems };
}

function decoded(bytes: ArrayBuffer, name: string, problems: Problem[]): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    problems.push({ what: "this is not text in UTF-8", where: name, remedy: "a spreadsheet program writes such text as 'CSV UTF-8'" });
    return "";
  }
}
