import type { FinishedDeliveries, FinishedMail } from '../core/telling-spool.ts'

/** Adds up how mail ended, slice by slice. */
export class FinishedMailSum {
  readonly #deliveries = new Map<string, FinishedDeliveries>()
  readonly #devices = new Map<string, number>()

  add({ deliveries, devices }: FinishedMail): void {
    for (const each of deliveries) {
      const key = `${each.state} ${each.upstream}`
      const before = this.#deliveries.get(key)?.count ?? 0
      this.#deliveries.set(key, { ...each, count: before + each.count })
    }
    for (const { device, mails } of devices)
      this.#devices.set(device, (this.#devices.get(device) ?? 0) + mails)
  }

  total(): FinishedMail {
    const devices = [...this.#devices].map(([device, mails]) => ({ device, mails }))
    return { deliveries: [...this.#deliveries.values()], devices }
  }
}
