/** What a person typed as a number; what is none goes to the box as it stands, which says so. */
export const typedNumber = (text: string): number | string =>
  /^\d+$/.test(text.trim()) ? Number(text) : text.trim()
