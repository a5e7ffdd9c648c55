// How the card is divided. Names here are relied on by updates, tests and README.md.

export const mebibyte = 1 << 20

/**
 * MBR: the boot ROM of a Pi 3 and a Zero 2 W reads no other. Identity until the first start gives the card its own: a card in a
 * reader must not be taken for the one that the box runs from.
 */
export const factoryDiskId = '0x696e6b70'

export interface Partition {
  readonly name: 'boot' | 'slot-a' | 'slot-b' | 'data'
  /** MBR's type. */
  readonly type: 'c' | '83'
  readonly mebibytes: number
  /** Of the file system; a slot has none. */
  readonly label: string
}

/** `/dev/inkpost/NAME` on the machine, in the order of the table. */
export const partitions: readonly Partition[] = [
  { name: 'boot', type: 'c', mebibytes: 128, label: 'INKPOST' },
  { name: 'slot-a', type: '83', mebibytes: 768, label: '' },
  { name: 'slot-b', type: '83', mebibytes: 768, label: '' },
  // Grown at the first start to the end of the card.
  { name: 'data', type: '83', mebibytes: 64, label: 'inkpost-data' },
]

/** Before the first partition, for alignment. */
export const firstMebibyte = 4

export function partitionOf(name: Partition['name']): Partition & { readonly start: number } {
  let start = firstMebibyte
  for (const one of partitions) {
    if (one.name === name) return { ...one, start }
    start += one.mebibytes
  }
  throw new Error(`there is no partition ${name}`)
}

/** One more than the partitions need: sfdisk wants the end free. */
export const diskMebibytes = firstMebibyte + partitions.reduce((sum, { mebibytes }) => sum + mebibytes, 0) + 1
