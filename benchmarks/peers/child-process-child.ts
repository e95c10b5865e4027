/** The process of plain IPC: adds, or gives back what it was given. */

type Request = { call: number; args?: [number, number]; value?: unknown }

process.on('message', ({ call, args, value }: Request) => {
  process.send?.({ call, value: args ? args[0] + args[1] : value })
})
