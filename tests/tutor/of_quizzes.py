"""What students might ask of the quizzes of CVS201, and what they might ask that none of its quizzes asks.

The bound of `studium.tutor.open_quizzes` was chosen on these.
"""

MOCK_EXAM = (
    "which current makes phase 0 in ventricle cells",
    "What ion current causes the upstroke of the ventricular action potential?",
    "what ion makes the voltage shoot up at the start in a normal heart muscle cell",
    "Does noradrenaline make phase 4 steeper in the SA node?",
    "effect of noradrenaline on the pacemaker slope",
    "what does noradrenaline do to the slope of phase 4 of the sinus node",
    "What transmitter does the vagus release at the SA node?",
    "which neurotransmitter do vagal fibres use on the sinoatrial node",
    "name of the vagal transmitter at the sa node",
    "Where in the heart is conduction slowest?",
    "Which part of the heart conducts slowest?",
    "slowest conducting tissue in the heart",
    "Which channels are open during the plateau phase 2?",
    "What happens during phase 2 plateau of the action potential",
    "are L-type calcium channels open in the plateau?",
    "What current dominates each phase of the ventricular action potential?",
    "Which current belongs to phase 3 of the ventricular action potential?",
    "match phases of the action potential with currents",
    "Can you tetanise cardiac muscle?",
    "Is tetanus possible in heart muscle with fast stimulation?",
    "Why can cardiac muscle not be tetanised?",
    "What is the threshold potential of SA node cells?",
    "At how many millivolts does an SA node cell reach threshold?",
    "threshold of sinus node cells in mV",
)
"""Of the eight questions the mock exam draws from."""

OTHERS = (
    "What is preload?",
    "How does atrial systole contribute to ventricular filling?",
    "What is a normal QRS axis?",
    "How much blood pools in the legs when standing up?",
    "Which murmur does mitral regurgitation have?",
    "What forces govern filtration across a capillary?",
    "How is nitric oxide made?",
    "What is class III haemorrhagic shock?",
    "What is the Fick principle?",
    "How quickly do baroreceptors reset?",
)
"""Of the same course, in none of its quizzes."""

IN_OTHER_WORDS = {
    "what ion makes the voltage shoot up at the start in a normal heart muscle cell, not the pacemaker ones": "sodium",
    "at roughly what voltage does the sinus node go off": "40 mV",
    "how fast is the signal in the AV node, m/s": "slowest",
    "if you stimulate the heart really fast can it go into a sustained cramp like skeletal muscle does": "refractory",
    "how does the sympathetic system speed up the pulse, on the level of channels and second messengers": "slope",
    "How come the membrane stays flat for so long in the middle of the action potential?": "inward calcium",
    "which currents bring the cell back down at the end of the AP": "delayed rectifier",
}
"""Of the mock exam's questions, as examples/golden words them; and a word of the answer."""
