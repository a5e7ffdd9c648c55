import type { Outcome } from '../core/outcome.ts'
import { oneLine } from './pause-reasons.ts'

/** Refused by size, before any socket opens or by the service: another way out may take more. */
export const tooLarge = (detail: string): Outcome => ({
  kind: 'permanent',
  scope: 'message',
  code: 'too-large',
  status: '5.3.4',
  detail: oneLine(detail),
  elsewhere: true,
})
