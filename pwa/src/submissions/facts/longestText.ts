/** Letters of what is said to headquarters: it would keep aside what is longer (protocol.md §3). */
export const longestText = 10_000;
