"""`rdtheory explore`: curves, components, realism and a decoded picture behind sliders.

What is computed needs no library of widgets: `choice` (what is asked for), `view` (curves and
operating points), `decoding`, `realism` and `snippets` (the same as text to copy). What is shown is
in `page`, made of `knob` and `plots`; `server` puts it on the loopback, and `worker` keeps the page
alive while something is computed.
"""
