// The setup document that most end-to-end tests begin with: a box that takes mail in clear, and one device.

export interface PlainBox {
  /** More keys of `[gateway]`; a table that begins in here goes on behind it. */
  readonly gateway?: string
  readonly addresses?: string
  readonly sender?: string
  /** More keys of the device. */
  readonly device?: string
}

/** Ports are free ones; the device is known by the address it comes from. Tables may follow. */
export const plainBox = ({
  gateway = '',
  addresses = '127.0.0.0/8',
  sender = 'scanner@contoso.com',
  device = '',
}: PlainBox = {}): string => `schema = 1
[gateway]
name = "branch-07"
${gateway}
[console]
port = 0
[[listener]]
name = "plain"
address = "127.0.0.1"
port = 0
security = "plain"
[[device]]
name = "Scanner"
addresses = ["${addresses}"]
sender = "${sender}"
${device}
`
