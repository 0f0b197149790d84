// Runs a Personal Data Server on loopback until its standard input ends. Prints one line of JSON when
// it is up: its address, and the Authorization header of its administrator.
import { TestNetworkNoAppView } from '@atproto/dev-env'

const network = await TestNetworkNoAppView.create({})
console.log(JSON.stringify({ url: network.pds.url, admin: network.pds.adminAuth() }))
process.stdin.resume()
process.stdin.on('end', async () => {
  await network.close()
  process.exit(0)
})
