"""How the page looks beside its pictures: style sheets, and the page that holds everything.

They are texts, as a model of Bokeh's belongs to one document and ends with it.
"""

PAGE_TEMPLATE = """
{% block preamble %}
<style>
  html body {
    margin: 0; padding: 12px 16px; background: #F2F4F7; font-family: system-ui, sans-serif;
  }
  header { display: flex; align-items: baseline; gap: 12px; margin: 0 0 10px 4px; color: #1B2733; }
  header h1 { font-size: 19px; font-weight: 650; margin: 0; }
  header p { font-size: 13px; color: #5A6673; margin: 0; }
</style>
{% endblock %}
{% block inner_body %}
<header>
  <h1>rdtheory explore</h1>
  <p>Rate, distortion and realism of Gaussian sources coded by diffusion</p>
</header>
{{ super() }}
{% endblock %}
"""

SIDEBAR = ":host { position: sticky; top: 12px; align-self: flex-start; }"

CARD = ":host { background: white; border: 1px solid #DDE2E8; border-radius: 8px; padding: 10px; }"

HEADING = ":host { font-size: 13px; font-weight: 650; color: #1B2733; margin-top: 10px; }"

MESSAGE = """:host { background: #FFF4E5; border: 1px solid #D55E00; border-left-width: 6px;
    border-radius: 6px; padding: 8px 12px; font-size: 13px; color: #5B2500; }"""

READOUT = """h3 { font-size: 14px; margin: 2px 0 8px 0; color: #1B2733; }
    table { border-collapse: collapse; font-size: 13px; width: 320px; }
    td { padding: 3px 4px; border-bottom: 1px solid #EDF0F3; color: #5A6673; }
    td:nth-child(2) { text-align: right; color: #000; font-variant-numeric: tabular-nums; }"""

CODE = """:host { background: #F7F8FA; border: 1px solid #E3E7EC; border-radius: 6px; }
    pre { font-size: 12px; line-height: 1.45; padding: 8px 10px; margin: 0; overflow-x: auto;
    white-space: pre-wrap; overflow-wrap: anywhere; }"""
