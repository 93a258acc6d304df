"""A Streamlit page with no design of ours: what axe finds here is Streamlit's own."""

import altair as alt
import streamlit as st

st.title("Plain")
st.header("Part")
st.metric("Number", "1")
st.file_uploader("File")
st.text_input("Text")
st.selectbox("Choice", ["one", "two"])
st.segmented_control("Segment", ["one", "two"], default="one")
with st.expander("More"):
    st.write("inside")
with st.popover("Open"):
    st.write("inside")
st.download_button("Load", b"x", file_name="x.txt")
st.altair_chart(alt.Chart(alt.InlineData(values=[{"a": 1}])).mark_bar().encode(x="a:Q"))
with st.sidebar:
    st.write("side")
