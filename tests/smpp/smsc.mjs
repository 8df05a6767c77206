// An SMS centre made with another implementation of SMPP 3.4, to judge our client on the wire.
// Prints {"port": N}, then one JSON line per bind and per short message; ends with the process that started it.
//
//   node tests/smpp/smsc.mjs [--system-id ID --password WORD] [--throttle N] [--receipt DELIVRD|UNDELIV|none]
//
// With --system-id only that login may bind. --throttle answers the first N messages with ESME_RTHROTTLED.
import { parseArgs } from 'node:util'
import smpp from 'smpp'

const { values: options } = parseArgs({
  options: {
    'system-id': { type: 'string' },
    password: { type: 'string', default: '' },
    throttle: { type: 'string', default: '0' },
    receipt: { type: 'string', default: 'DELIVRD' },
  },
})

const MESSAGE_STATE = { DELIVRD: 2, UNDELIV: 5 } // SMPP 3.4, 5.2.28
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

let throttled = Number(options.throttle)
let lastId = 0

// The concatenation element of a user data header, if there is one (3GPP TS 23.040, 9.2.3.24.1 and 9.2.3.24.8).
function concatenation(headers = []) {
  for (const header of headers) {
    if (header[0] === 0x00) return { reference: header[2], total: header[3], part: header[4] }
    if (header[0] === 0x08) return { reference: header.readUInt16BE(2), total: header[4], part: header[5] }
  }
  return null
}

function bind(session, kind, pdu) {
  const wanted = options['system-id']
  const welcome = wanted === undefined || (pdu.system_id === wanted && pdu.password === options.password)
  say({ bind: kind, system_id: pdu.system_id, interface_version: pdu.interface_version, welcome })
  if (welcome) return session.send(pdu.response({ system_id: 'smsc' }))
  session.send(pdu.response({ command_status: smpp.ESME_RBINDFAIL }), () => session.close())
}

function submit(session, pdu) {
  if (throttled > 0) {
    throttled -= 1
    return session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }))
  }
  lastId += 1
  const id = String(lastId).padStart(8, '0')
  const body = pdu.message_payload ?? pdu.short_message
  say({
    message_id: id,
    source: pdu.source_addr,
    source_ton: pdu.source_addr_ton,
    destination: pdu.destination_addr,
    data_coding: pdu.data_coding,
    esm_class: pdu.esm_class,
    registered_delivery: pdu.registered_delivery,
    text: body.message,
    concatenation: concatenation(body.udh),
  })
  session.send(pdu.response({ message_id: id }), () => {
    if ((pdu.registered_delivery & 1) === 1 && options.receipt !== 'none') receipt(session, pdu, id)
  })
}

// A delivery receipt in the layout of SMPP 3.4, appendix B, and as the two parameters of 5.3.2.12 and 5.3.2.35.
function receipt(session, pdu, id) {
  const date = new Date().toISOString().replace(/\D/g, '').slice(2, 12)
  const delivered = options.receipt === 'DELIVRD' ? '001' : '000'
  session.deliver_sm({
    source_addr: pdu.destination_addr,
    source_addr_ton: pdu.dest_addr_ton,
    source_addr_npi: pdu.dest_addr_npi,
    destination_addr: pdu.source_addr,
    dest_addr_ton: pdu.source_addr_ton,
    dest_addr_npi: pdu.source_addr_npi,
    esm_class: 0x04,
    short_message: `id:${id} sub:001 dlvrd:${delivered} submit date:${date} done date:${date} `
      + `stat:${options.receipt} err:000 text:`,
    receipted_message_id: id,
    message_state: MESSAGE_STATE[options.receipt],
  })
}

const server = smpp.createServer((session) => {
  for (const kind of ['transceiver', 'transmitter', 'receiver']) {
    session.on(`bind_${kind}`, (pdu) => bind(session, kind, pdu))
  }
  session.on('submit_sm', (pdu) => submit(session, pdu))
  session.on('enquire_link', (pdu) => session.send(pdu.response()))
  session.on('unbind', (pdu) => session.send(pdu.response(), () => session.close()))
  session.on('unknown', (pdu) => session.send(pdu.response({ command_status: smpp.ESME_RINVCMDID })))
  // A client that goes away, or that sends what is no SMPP: the test sees it by what it did not get.
  session.on('error', (error) => {
    console.error(`smsc: ${error.message}`)
    session.destroy()
  })
})

server.listen(0, '127.0.0.1', () => say({ port: server.address().port }))

const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) process.exit(0)
}, 500)
