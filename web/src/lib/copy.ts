/** Copies a text; without the clipboard that a browser gives only to this machine and to encrypted pages. */
export async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const handed = (event: ClipboardEvent) => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
  };
  document.addEventListener("copy", handed, { once: true });
  document.execCommand("copy");
  document.removeEventListener("copy", handed);
}
