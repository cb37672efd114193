// read.js READER FILE [SCHEMA]: a listing (scans.sh) by a package of npm.
'use strict';
const fs = require('fs');
const [reader, file, schema] = process.argv.slice(2);

function host(address, state, names) {
	console.log('host', address, state, names.join(',') || '-');
}

function port(address, number, state, service) {
	console.log('port', address, number, state, service);
}

function fastXml() {
	const { XMLParser, XMLValidator } = require('fast-xml-parser');
	const text = fs.readFileSync(file, 'utf8');
	const many = ['host', 'address', 'hostname', 'port'];
	const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '',
	    isArray: (name) => many.includes(name) });

	if (XMLValidator.validate(text) !== true)
		throw new Error('not well-formed');
	for (const h of parser.parse(text).nmaprun.host) {
		const address = h.address.find((a) => a.addrtype === 'ipv4').addr;

		host(address, h.status.state, (h.hostnames.hostname || []).map((n) => n.name));
		for (const p of h.ports.port || [])
			port(address, p.portid, p.state.state, p.service.name);
	}
}

// It runs a program that it takes for nmap, and reads what that prints.
function nodeNmap() {
	const nmap = require('node-nmap');
	const fake = `${process.env.HOME}/fake-nmap`;

	fs.writeFileSync(fake, `#!/bin/sh\ncat '${file}'\n`, { mode: 0o755 });
	nmap.nmapLocation = fake;
	const scan = new nmap.NmapScan('127.0.0.1', '-sS');
	scan.on('error', (e) => { console.error(e); process.exit(1); });
	scan.on('complete', (hosts) => {
		for (const h of hosts) {
			host(h.ip, '?', h.hostname ? [h.hostname] : []);
			for (const p of h.openPorts || [])
				port(h.ip, p.port, 'open', p.service);
		}
	});
	scan.startScan();
}

function json() {
	const Ajv = require('ajv').default;
	const ajv = new Ajv({ strict: true, allErrors: true });

	require('ajv-formats').default(ajv);
	const valid = ajv.compile(JSON.parse(fs.readFileSync(schema)));
	for (const line of fs.readFileSync(file, 'utf8').trimEnd().split('\n')) {
		const r = JSON.parse(line);

		if (!valid(r))
			throw new Error(`${line}: ${ajv.errorsText(valid.errors)}`);
		if (r.record !== 'host')
			continue;
		host(r.ip, r.state, r.hostnames.map((n) => n.name));
		for (const p of r.ports)
			port(r.ip, p.port, p.state, p.service);
	}
}

({ 'fast-xml': fastXml, 'node-nmap': nodeNmap, json }[reader])();
