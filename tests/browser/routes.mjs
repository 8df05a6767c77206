// Which addresses there are, read from the program's own routers: what the list of screens is held against.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const sources = fileURLToPath(new URL('../../crates/web/src', import.meta.url))
// Handlers that lead whoever opens the address of a form to the page where the form stands.
const LEADS_AWAY = /^(elsewhere|to_[a-z]+)$/

/** Addresses at which nobody looks: files, tables, what programs ask, and parts of pages. The report of a day is looked at
 * in the shop's day (shop_day.test.mjs), because other shops' shifts keep a day open here. */
const NO_SCREENS = [
  '/assets/{name}', '/sw.js', '/agent-sw.js', '/manifest.webmanifest', '/healthz', '/readyz', '/metrics', '/openapi.json',
  '/sitemap.xml', '/sitemap-shops.xml', '/sitemap-shops/{after}', '/robots.txt', '/shops.csv', '/shops.geojson',
  '/shops/{number}/photo', '/me/history.csv', '/account/export', '/o/{code}/return', '/o/{code}/state',
  '/support/{code}/files/{n}', '/office/cases/{code}/files/{n}', '/agent/time',
  '/.well-known/receipt-keys.json', '/v1/receipts/{code}', '/o/{code}/receipt.pdf',
  '/office/float/{id}/proof', '/office/agents/{id}/documents/{n}', '/office/agents/{id}/documents', '/agent/owner/statements.csv',
  '/agent/till/days/{file}',
]

/** Each address with the handler that answers GET; null where none does. */
export async function routes() {
  const found = []
  for (const file of await readdir(sources, { recursive: true })) {
    if (!file.endsWith('.rs')) continue
    const text = await readFile(join(sources, file), 'utf8')
    const before = found.length
    for (const [, path, rest] of text.matchAll(/\.route\(\s*"([^"]+)",\s*([^;]*?)\)(?=\s*(?:\.|;|\}|$))/gs)) {
      found.push({ path, get: getter(rest) })
    }
    const written = text.match(/\.route\(/g)?.length ?? 0
    if (found.length - before !== written) throw new Error(`${file} has ${written} routes, not all of them were read`)
  }
  return found
}

function getter(methods) {
  const named = methods.match(/(?<![a-z_])get\((?:[a-z_]+::)*([a-z_]+)/)
  if (named) return named[1]
  return /(?<![a-z_:])elsewhere\(\)/.test(methods) ? 'elsewhere' : null
}

/** Is this an address with a page for people? */
export const hasScreen = ({ path, get }) => get !== null && !LEADS_AWAY.test(get) && !NO_SCREENS.includes(path)

/** Does the address fit the route? */
export function fits(route, pathname) {
  const pattern = route.replace(/[.]/g, '\\.').replace(/\{[a-z_]+\}/g, '[^/]+')
  return new RegExp(`^${pattern}$`).test(pathname)
}
