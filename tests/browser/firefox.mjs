// Drives one Firefox: reads requests as lines of JSON, answers each with one line.

import readline from 'node:readline';

import puppeteer from 'puppeteer-core';

const browser = await puppeteer.launch({
  browser: 'firefox',
  executablePath: '/usr/bin/firefox-esr',
  headless: true,
  extraPrefsFirefox: {
    'media.navigator.streams.fake': true,
    'media.navigator.permission.disabled': true,
    'media.autoplay.default': 0,
    'media.autoplay.blocking_policy': 0,
    'media.peerconnection.ice.loopback': true,
    'media.peerconnection.ice.obfuscate_host_addresses': false,
    'network.proxy.type': 0,
    'app.update.disabledForTesting': true,
  },
});
const page = await browser.newPage();

for await (const line of readline.createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let reply;
  try {
    if (request.open) await page.goto(request.open);
    if (request.close) await browser.close();
    const value = request.evaluate ? await page.evaluate(`(${request.evaluate})()`) : null;
    reply = { value };
  } catch (error) {
    reply = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
  if (request.close) process.exit(0);
}
await browser.close();
