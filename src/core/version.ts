/** `1.2.3`, `1.2.3-rc.1`; what follows a `+` says nothing of the order (semver.org, section 10). */
const pattern =
  /^(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:-([0-9A-Za-z.-]{1,64}))?(?:\+[0-9A-Za-z.-]{1,64})?$/

export const isVersion = (text: string): boolean => pattern.test(text)

/** Below zero: `one` is older than `other`. A text that is no version is older than every version. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [pattern.exec(one), pattern.exec(other)]
  if (left === null || right === null) return Number(left !== null) - Number(right !== null)
  for (const at of [1, 2, 3]) {
    const difference = Number(left[at] ?? 0) - Number(right[at] ?? 0)
    if (difference !== 0) return difference
  }
  return comparePreviews(left[4], right[4])
}

/** A release is younger than its previews (semver.org, section 11). */
function comparePreviews(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined)
  const [left, right] = [one.split('.'), other.split('.')]
  for (const [index, part] of left.entries()) {
    const difference = compareParts(part, right[index])
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

function compareParts(one: string, other: string | undefined): number {
  if (other === undefined) return 1
  const [isNumber, isOtherNumber] = [/^\d+$/.test(one), /^\d+$/.test(other)]
  if (isNumber && isOtherNumber) return Number(one) - Number(other)
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1
  return one < other ? -1 : Number(one > other)
}
