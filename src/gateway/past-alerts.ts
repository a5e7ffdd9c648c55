import { day, type WallMs, wallMs } from '../core/time.ts'

/** Alerts that ended since then are shown. */
export const pastAlertsFrom = (now: WallMs): WallMs => wallMs(now - 30 * day)
