import type { File as Text } from "../../lib/study";

/** The texts of files that somebody chose or dropped; what is no text is for the server to say. */
export const texts = (files: FileList | null | undefined): Promise<Text[]> =>
  Promise.all([...(files ?? [])].slice(0, 12).map(async (file) => ({ name: file.name.slice(0, 100), text: await file.text() })));
