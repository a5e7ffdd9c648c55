// A machine that plays along: it keeps a network as it is told, has a stick, and a clock that can be set.
import type { Machine } from '../../src/core/machine.ts'
import type { NetworkView, NetworkWish } from '../../src/core/machine-network.ts'
import { wishDigest } from '../../src/platform/wish-digest.ts'

const stick = { storage: 'sda1', fileSystem: 'vfat', octets: 16e9, model: 'Flash Drive', isReadOnly: true }

/** Keeps a wish as the machine service does, and has the addresses of it. */
export class PlayedMachine {
  kept: NetworkWish | null = null
  trial: { id: string; wish: NetworkWish | null } | null = null
  clockSetTo = 0
  readonly radio: readonly string[]

  /** `radio`: its ports of Wi-Fi. */
  constructor(radio: readonly string[] = []) {
    this.radio = radio
  }

  readonly machine: Machine = {
    call: async (duty, ask) => {
      // The answer of each duty is that of its name.
      return { kind: 'done', answer: this.#answer(duty, ask) as never }
    },
  }

  #answer(duty: string, ask: object): object {
    if (duty === 'network-show') return this.#view()
    if (duty === 'network-try') this.trial = ask as { id: string; wish: NetworkWish }
    if (duty === 'network-set') this.kept = (ask as { wish: NetworkWish | null }).wish
    if (duty === 'network-keep') this.kept = this.trial?.wish ?? null
    if (duty === 'network-keep' || duty === 'network-undo') this.trial = null
    if (duty === 'stick-list') return { sticks: [stick] }
    if (duty === 'storage-list') return { storages: [] }
    if (duty === 'clock-set') this.clockSetTo = (ask as { wallMs: number }).wallMs
    return duty === 'network-try' ? { leftMs: 120_000 } : {}
  }

  #view(): NetworkView {
    const wish = this.trial ? this.trial.wish : this.kept
    const [address = '', prefix = ''] = (wish?.address || '127.0.0.1/8').split('/')
    return {
      ports: { cable: ['eth0'], radio: this.radio },
      link: 'eth0',
      hardware: 'dc:a6:32:01:02:03',
      hasCarrier: true,
      // The browser comes by loopback: that is the address of this box.
      addresses: [
        { address: '127.0.0.1', prefix: 8, origin: 'dhcp' },
        ...(wish?.address ? [{ address, prefix: Number(prefix), origin: 'static' as const }] : []),
      ],
      gateways: ['192.168.7.1'],
      dns: ['192.168.7.1', 'fd00:7::1'],
      ntp: [],
      kept: wishDigest(this.kept),
      trial: this.trial && { id: this.trial.id, leftMs: 120_000 },
      hasTime: false,
    }
  }
}
