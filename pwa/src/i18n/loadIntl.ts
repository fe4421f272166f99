/**
 * The first use of `Intl` in a page loads its data: 200 ms on a slow phone, whatever the language or zone, and the first
 * screen behind the passphrase would stand still for it. Begun while somebody types, in two tasks so that no key waits long.
 */
export async function loadIntl(): Promise<void> {
  new Intl.NumberFormat("en");
  await new Promise((resolve) => setTimeout(resolve));
  new Intl.DateTimeFormat("en", { timeZone: "UTC" });
}
