/** Longer ones are no names that a person typed at a panel. */
const longestName = 64

/** The login that looks most like the name that was said; undefined where none does. */
export function closestLogin(said: string, logins: Iterable<string>): string | undefined {
  const name = said.slice(0, longestName)
  let best: { readonly login: string; readonly distance: number } | undefined
  for (const login of logins) {
    const limit = Math.min(best?.distance ?? Number.POSITIVE_INFINITY, mostDifferent(login) + 1)
    if (Math.abs(login.length - name.length) >= limit) continue
    const distance = editDistance(name, login)
    if (distance < limit) best = { login, distance }
  }
  return best?.login
}

/** A third of its signs, and two of a short one. */
const mostDifferent = (login: string): number => Math.max(2, Math.floor(login.length / 3))

/** Levenshtein's: signs inserted, left out or replaced. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
