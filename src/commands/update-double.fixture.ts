import { wallMs } from '../core/time.ts'
import type { UpdateOperations } from '../core/update-operations.ts'

const done = { kind: 'done' } as const

/** A box for which a bundle was verified. */
export const exampleUpdates: UpdateOperations = {
  updates: async () => ({
    version: '1.0.0',
    machine: {
      kind: 'slots',
      view: {
        compatible: 'inkpost-arm64',
        slots: [
          { slot: 'A', isBooted: true, isGood: true, version: '1.0.0' },
          { slot: 'B', isBooted: false, isGood: true, version: '0.9.0' },
        ],
        trial: null,
      },
    },
    state: {
      kind: 'verified',
      bundle: { version: '1.1.0', compatible: 'inkpost-arm64', built: '2026-11-28T10:00:00Z', schemas: null },
    },
    percent: null,
    window: '02:00-04:00',
    opensAt: wallMs(Date.UTC(2026, 10, 30, 2)),
    url: 'https://updates.contoso.com/latest.json',
    automatic: false,
    check: { at: wallMs(Date.UTC(2026, 10, 29, 8)), newest: '1.1.0', trouble: '', failingSince: 0 },
  }),
  checkUpdate: async () => ({ ...done, newest: '1.1.0' }),
  fetchUpdate: async (from) =>
    from.kind === 'url' && from.url?.startsWith('http://') === true
      ? { kind: 'refused', reason: 'that is no address that starts with https://', isWrongInput: true }
      : done,
  beginBundle: async () => ({ ...done, offset: 0 }),
  uploadBundle: async (offset, octets) => {
    let at = offset
    for await (const piece of octets) at += piece.length
    return { ...done, offset: at }
  },
  updateSticks: async () => ({
    ...done,
    bundles: [{ storage: 'sda1', model: 'Cruzer', file: 'inkpost-1.1.0.raucb', octets: 210_000_000 }],
  }),
  installUpdate: async () => done,
  cancelUpdate: async () => done,
  rollBackUpdate: async () => done,
}
