// Checks a receipt as docs/receipts.md tells everybody to, with nothing but Node's own cryptography.
// Standard input: {"url": "…", "keys": [ … of receipt-keys.json … ]}; standard output: genuine, forged or key_unknown.
import { createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'

const { url, keys } = JSON.parse(readFileSync(0, 'utf8'))
const own = url.split('/r/').pop()
const dot = own.lastIndexOf('.')
const [, kid, , , seconds] = own.slice(own.indexOf('#') + 1).split('.')
const key = keys.find((one) => one.kid === kid)
const judged = () => {
  if (!key) return 'key_unknown'
  const inTime = Number(seconds) >= key.valid_from && (key.valid_until === null || Number(seconds) < key.valid_until)
  const known = createPublicKey({ key: { kty: key.kty, crv: key.crv, x: key.x }, format: 'jwk' })
  const fits = verify(null, Buffer.from(own.slice(0, dot)), known, Buffer.from(own.slice(dot + 1), 'base64url'))
  return fits && inTime ? 'genuine' : 'forged'
}
process.stdout.write(judged())
