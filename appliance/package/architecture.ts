/** As Debian calls it, and how Node, npm and GNU call the same. */
export interface Architecture {
  readonly debian: 'amd64' | 'arm64'
  readonly node: 'x64' | 'arm64'
  readonly gnu: string
}

export const architectures: readonly Architecture[] = [
  { debian: 'amd64', node: 'x64', gnu: 'x86_64-linux-gnu' },
  { debian: 'arm64', node: 'arm64', gnu: 'aarch64-linux-gnu' },
]
