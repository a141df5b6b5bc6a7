// What was typed or chosen and is in no answer: kept for a reload of the page, in this tab alone.

interface Kept {
  job: string; // whose answer stands beside it
}

/** What was kept in a part of the screen, unless an answer of something else is to be shown. */
export function kept<Given extends Kept>(part: string, job: string): Partial<Given> {
  try {
    const found = JSON.parse(sessionStorage.getItem(`azygos.${part}`) ?? "{}") as Partial<Given>;
    return (found.job ?? "") === job ? found : {};
  } catch {
    return {}; // a browser may keep nothing at all
  }
}

export function keep<Given extends Kept>(part: string, given: Given): void {
  try {
    sessionStorage.removeItem(`azygos.${part}`);
    sessionStorage.setItem(`azygos.${part}`, JSON.stringify(given));
  } catch {
    // more than a browser keeps: after a reload the page says what is missing
  }
}
