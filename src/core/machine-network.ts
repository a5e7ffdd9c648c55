/** What a machine is to do with its network: `[network]` of the setup document with its secrets and files read. */
export interface NetworkWish {
  readonly method: 'dhcp' | 'static'
  /** `192.168.7.5/24`; empty by DHCP. */
  readonly address: string
  readonly gateway: string
  readonly ipv6: 'auto' | 'static' | 'off'
  /** `fd00:7::5/64`; empty unless `static`. */
  readonly ipv6Address: string
  readonly ipv6Gateway: string
  /** Empty: what DHCP and router advertisements say. */
  readonly dns: readonly string[]
  /** Likewise. */
  readonly ntp: readonly string[]
  /** 802.1Q; 0: untagged. */
  readonly vlan: number
  /** Null: by cable. */
  readonly wifi: WifiWish | null
  /** 802.1X on the cable. */
  readonly portAccess: PortAccessWish | null
}

export interface WifiWish {
  readonly ssid: string
  /** Empty: an open network. */
  readonly passphrase: string
  /** ISO 3166: which channels may be used. */
  readonly country: string
}

/** Certificates and keys in PEM. */
export interface PortAccessWish {
  readonly method: 'eap-tls' | 'peap'
  readonly identity: string
  /** Of `peap`. */
  readonly password: string
  /** Who has signed the certificate of the server that lets the box in. */
  readonly authority: string
  /** Of `eap-tls`: key and chain. */
  readonly certificate: string
}

/** Names of the machine's ports; empty: it has none of the kind. */
export interface MachinePorts {
  readonly cable: readonly string[]
  readonly radio: readonly string[]
}

/** The network as it is now. */
export interface NetworkView {
  readonly ports: MachinePorts
  /** `eth0`, `wlan0`, `vlan7`: the link that the settings are of. */
  readonly link: string
  /** Lower case, with colons. */
  readonly hardware: string
  /** A cable with somebody at its other end, or a joined Wi-Fi. */
  readonly hasCarrier: boolean
  readonly addresses: readonly LinkAddress[]
  readonly gateways: readonly string[]
  readonly dns: readonly string[]
  readonly ntp: readonly string[]
  /** What is kept, as `wishDigest` says it to the gateway, `kept` to people; empty: the machine's own configuration. */
  readonly kept: string
  readonly trial: { readonly id: string; readonly leftMs: number } | null
  /** A time server was heard since the machine started. */
  readonly hasTime: boolean
}

export interface LinkAddress {
  readonly address: string
  readonly prefix: number
  /** `held`: an address from before, kept for devices that know no other. `other`: set by somebody else. */
  readonly origin: 'dhcp' | 'static' | 'auto' | 'link-local' | 'held' | 'other'
}

/** Duties of the machine service for the network. */
export interface NetworkCalls {
  readonly 'network-show': { readonly ask: Record<never, never>; readonly answer: NetworkView }
  /** In force for 120 s, unless it is kept; also where this service, or the machine, dies meanwhile. */
  readonly 'network-try': {
    readonly ask: { readonly id: string; readonly wish: NetworkWish | null }
    readonly answer: { readonly leftMs: number }
  }
  readonly 'network-keep': { readonly ask: { readonly id: string }; readonly answer: Record<never, never> }
  /** Back to what was kept, at once. Nothing happens where no trial is. */
  readonly 'network-undo': { readonly ask: Record<never, never>; readonly answer: Record<never, never> }
  /** In force and kept without a trial: at a first start nobody is there to keep it. Null: the machine's own again. */
  readonly 'network-set': {
    readonly ask: { readonly wish: NetworkWish | null }
    readonly answer: Record<never, never>
  }
  /** Takes addresses of before beside the present ones, where nobody else has them (RFC 5227); replaces the last list. */
  readonly 'address-hold': {
    readonly ask: { readonly addresses: readonly string[] }
    readonly answer: Record<never, never>
  }
  /** Refused where a time server is heard. */
  readonly 'clock-set': { readonly ask: { readonly wallMs: number }; readonly answer: Record<never, never> }
}
