// Postfix with a queue and a configuration of its own on a port of loopback: it accepts and queues, and delivers nothing.
import { startPostfixInstance } from '../independent/postfix-instance.ts'

const configuration = `myhostname = bench.invalid
mynetworks = 127.0.0.0/8
relay_domains = contoso.example
# Only queueing: mail goes to the hold queue, as in the gateway, whose upstream is paused. Deferring it instead would
# keep the queue manager busy long after, while the other side is measured.
smtpd_data_restrictions = check_client_access static:HOLD
`

/** Starts Postfix in a folder of its own, which its unprivileged user can reach; needs root. Stopped and gone when disposed. */
export function startPostfix(port: number): Disposable {
  return startPostfixInstance({
    main: () => configuration,
    listeners: () => `127.0.0.1:${port} inet n - n - 100 smtpd\n`,
  })
}
