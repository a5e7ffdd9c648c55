import type { NetworkOperations } from '../core/network-operations.ts'

const done = { kind: 'done' } as const

/** A box that got another address than its devices were told, and holds that too. */
export const exampleNetwork: NetworkOperations = {
  network: async () => ({
    machine: {
      kind: 'known',
      view: {
        ports: { cable: ['eth0'], radio: ['wlan0'] },
        link: 'eth0',
        hardware: 'dc:a6:32:01:02:03',
        hasCarrier: true,
        addresses: [
          { address: '192.168.7.9', prefix: 24, origin: 'dhcp' },
          { address: '192.168.7.5', prefix: 24, origin: 'held' },
        ],
        gateways: ['192.168.7.1'],
        dns: ['192.168.7.1'],
        ntp: [],
        kept: 'ab'.repeat(32),
        trial: null,
        hasTime: false,
      },
    },
    settings: { method: 'dhcp', wifi: { ssid: 'office', passphrase: '(kept)', country: 'DE' } },
    trial: null,
    told: [{ address: '192.168.7.5/24', state: 'held' }],
    urls: ['https://192.168.7.9/'],
    revision: 7,
  }),
  tryNetwork: async () => ({ ...done, trial: { leftMs: 121_000, urls: ['https://192.168.7.10/'] } }),
  keepNetwork: async (via) =>
    via === '' || via === '192.168.7.10'
      ? done
      : { kind: 'refused', reason: 'say so through the new address of the box: 192.168.7.10' },
  undoNetwork: async () => done,
  forgetAddress: async () => done,
  setClock: async () => done,
}
