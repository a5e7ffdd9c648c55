import type { RouteFacts } from '../core/message.ts'
import type { PartIndex } from '../core/part-index.ts'

export const factsOf = (_index: PartIndex, size: number): RouteFacts => ({
  size,
  acsSize: size,
  fidelity: [],
})
